// Express 4 beside Express 5; the parts the tests use have the same types in both.
declare module 'express4' {
  import express from 'express';
  export default express;
}
