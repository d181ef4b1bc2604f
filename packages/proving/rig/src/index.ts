export { Rig, type RigServer } from "./rig.ts";
