// The sentences of the page of an item, put to those of every page before one of its elements says any.

document.querySelector("#texts").content.append(document.querySelector("#item-texts").content);
