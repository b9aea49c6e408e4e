/** What other rooms' tests need of this one. */
export { arbitraryScript } from './arbitrary-script.ts';
