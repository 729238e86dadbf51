// A log whose disk hangs.
/** Nothing is recorded until it is released. */
export function holdUp(log: {
  readonly store: { append: (...args: never[]) => Promise<string> };
}): () => void {
  const { store } = log;
  const append = store.append.bind(store);
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  store.append = async (...args: never[]) => {
    await gate;
    return append(...args);
  };
  return () => {
    store.append = append;
    release();
  };
}
