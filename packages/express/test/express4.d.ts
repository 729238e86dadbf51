// Express 4 beside Express 5; the parts the tests use have the same types in both.
declare module 'express4' {
  import express from 'express';
  // biome-ignore lint/style/noDefaultExport: it is what Express exports.
  export default express;
}
