/** The folder of the built page, as a URL of a file. `npm start` builds it. */
export const pageFolder = new URL("../dist/site/", import.meta.url);
