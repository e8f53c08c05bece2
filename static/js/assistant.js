// A conversation's page. Its parts are modules of their own, each loaded once.

import "./assistant-turns.js";
import "./assistant-stream.js";

if (document.getElementById("composer")) import("./assistant-composer.js");
