// Runs before the page is drawn, so that what scripts bring does not flash up.
document.documentElement.classList.add("desk-scripted");
