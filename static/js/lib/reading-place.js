// Where one reads in something that scrolls, while what stands there changes.

export class ReadingPlace {
  #view;
  #thread;
  #top;

  /** Remember how far down the window `element` begins, in the `thread` that `view` scrolls. */
  constructor(view, thread, element) {
    this.#view = view;
    this.#thread = thread;
    this.#top = topOf(element);
  }

  /** Bring `element` to where the other one was; `shown`, which is in it, is brought into sight in any case. */
  keepAt(element, shown) {
    const view = this.#view;
    this.#thread.style.minHeight = "";
    const wanted = view.scrollTop + topOf(element) - this.#top;
    const missing = wanted - (view.scrollHeight - view.clientHeight);
    if (missing > 0 && wanted > 0) this.#makeRoom(wanted);
    view.scrollTop = wanted;
    shown.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  /** What is shown now is shorter: below it the thread stays as high as it has to be, until the reader scrolls up. */
  #makeRoom(scrollTop) {
    const [view, thread] = [this.#view, this.#thread];
    const heightAt = (top) => `${Math.ceil(top + view.clientHeight)}px`;
    const set = (top) => {
      thread.style.minHeight = heightAt(top);
      return thread.style.minHeight;
    };
    let height = set(scrollTop);
    const scrolled = () => {
      const isMine = thread.style.minHeight === height;
      if (isMine && Number.parseFloat(heightAt(view.scrollTop)) < Number.parseFloat(height))
        height = set(view.scrollTop);
      else if (!isMine) view.removeEventListener("scroll", scrolled); // somebody else has set it since
    };
    view.addEventListener("scroll", scrolled, { passive: true });
  }
}

function topOf(element) {
  return element.getBoundingClientRect().top;
}
