// Where one reads in something that scrolls, while what stands there changes.

export class ReadingPlace {
  #view;
  #thread;
  #isFromTop;
  #top;

  /**
   * Remember where `article` is, in the `thread` that `view` scrolls: where its beginning is in sight that, else where
   * the `button` is that was pressed in it.
   */
  constructor(view, thread, article, button) {
    this.#view = view;
    this.#thread = thread;
    this.#isFromTop = topOf(article) >= topOf(view);
    this.#top = topOf(this.#isFromTop ? article : button);
  }

  /** Bring another article, with another button, to where the first was. */
  giveTo(article, button) {
    const view = this.#view;
    view.style.overflowAnchor = "none"; // the browser would keep another place
    this.#thread.style.minHeight = "";
    const wanted = view.scrollTop + topOf(this.#isFromTop ? article : button) - this.#top;
    if (wanted > view.scrollHeight - view.clientHeight) this.#makeRoom(wanted);
    view.scrollTop = wanted;
    requestAnimationFrame(() => (view.style.overflowAnchor = ""));
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
