// What is being written belongs to one browser tab, and outlives its reload; history, theme and the like belong to all of them.
const OF_ONE_TAB = /^graphiql:(?:query|variables|headers|operationName|tabState)$/;

function place(name) {
  return OF_ONE_TAB.test(name) ? sessionStorage : localStorage;
}

export const kept = {
  get length() {
    return localStorage.length;
  },
  getItem: (name) => place(name).getItem(name),
  setItem: (name, value) => place(name).setItem(name, value),
  removeItem: (name) => place(name).removeItem(name),
  clear() {
    for (const storage of [sessionStorage, localStorage]) {
      for (const name of Object.keys(storage).filter((each) => each.startsWith('graphiql:'))) storage.removeItem(name);
    }
  },
};
