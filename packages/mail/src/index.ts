export { checkMail, mailSettings } from "./mail-settings.ts";
export { createPost } from "./post.ts";
