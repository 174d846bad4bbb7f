/** What html-validate asks of our own pages. */
export default {
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    // several answers to one question, which HTML has boxes of one name for
    "form-dup-name": ["error", { shared: ["radio", "button", "reset", "submit", "checkbox"] }],
    // a box in which one types and a list from which one chooses: HTML has no element for both together
    "prefer-native-element": ["error", { exclude: ["listbox"] }],
  },
};
