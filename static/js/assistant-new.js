// The page of a new conversation: the composer alone.

import "./assistant-composer.js";
