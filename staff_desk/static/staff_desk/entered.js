// The report is saved: what this window kept of it is not needed any more.

import { forgetUnsaved } from "./keep.js";

forgetUnsaved();
