/** The SDK writes the folder of the workflows into the module by which it loads them; beside it stands the file that it means. */
module.exports = function relativeEntrypoint(source) {
  const folder = JSON.stringify(`${this.context}/`).slice(1, -1);
  return source.replaceAll(folder, './');
};
