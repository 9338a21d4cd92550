// Questions and other wordings of them, for measuring the cache of like questions. Nothing is drawn: a number always gives the same text.

const tasks =
  `reset the password of|install|update|uninstall|back up|restore|migrate to|export contacts from|import a calendar into|share a folder in|
change the language of|turn off notifications in|speed up|secure|automate|debug|monitor|configure a proxy for|sign out of|recover deleted files in|
set up two-factor authentication for|print a document from|search old messages in|schedule a meeting in|translate a page in|record the screen with|
compress images in|merge two accounts in|block a sender in|find the serial number of|connect a scanner to|free up space in|mute a channel in|
roll back an update of|clone a project in|write a plugin for|test the speed of|read the logs of|limit the memory of|add a user to`
    .split('|')
    .map((text) => text.trim());

const things =
  `Outlook|Slack|Docker|Firefox|Postgres|Excel|Gmail|Jenkins|Photoshop|Notion|Thunderbird|Zoom|Kubernetes|WordPress|Blender|Trello|Redis|Safari|
Teams|GitLab|Dropbox|Spotify|Nginx|Evernote|Chrome|Grafana|Skype|Drupal|Figma|Ansible|Telegram|Terraform|LibreOffice|Kodi|Signal|Jira|Audacity|
Inkscape|Asana|Moodle|Mastodon|Nextcloud|Obsidian|Basecamp|Airtable|Shopify|Salesforce|Zendesk|Joomla|Confluence`
    .split('|')
    .map((text) => text.trim());

const places =
  `a work laptop|an old tablet|Ubuntu|Windows|a Mac|Android|an iPhone|a shared server|a Chromebook|Debian|a virtual machine|a Raspberry Pi|Fedora|
a school computer|a home network|a hotel network|a new phone|a rented server|a gaming console|a smart television|a train|a company account|
a family account|a student account|a trial account|a slow connection|a metered connection|an encrypted disk|an external drive|a memory stick|
a network drive|a dual monitor|a touch screen|a projector|a headset|a printer|a router|a firewall|a mail server|a web server|a test system|
a production system|a branch office|a factory floor|a library terminal|a hospital ward|a call centre|a warehouse|a conference room|a kiosk`
    .split('|')
    .map((text) => text.trim());

/** So many questions differ from one another. */
export const questionCount = tasks.length * things.length * places.length;

/** Question `number`, 0 to {@link questionCount} - 1. Neighbours in number have nothing in common but the form. */
export function questionOf(number) {
  // A step that shares no factor with the count goes through all of them before one comes again.
  const at = (number * 61_751) % questionCount;
  const thing = things[Math.floor(at / tasks.length) % things.length];
  return `How do I ${tasks[at % tasks.length]} ${thing} on ${places[Math.floor(at / tasks.length / things.length)]}?`;
}

/** One of them at a time: two together change the vector of a short question by as much as another question would. */
const frames = [
  ['', ''],
  ['please ', ''],
  ['can you tell me ', ''],
  ['do you know ', ''],
  ['I want to know ', ''],
  ['hi, ', ''],
  ['hello, ', ''],
  ['', ' please'],
  ['', ' thanks'],
  ['', ' thank you'],
];
const marks = ['?', '', ' ?', '??', '.', '!', '?!', '...'];
const manners = [
  (text) => text,
  (text) => text.toLowerCase(),
  (text) => text.toUpperCase(),
  (text) => text.replaceAll(' ', '  '),
  (text) => text.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()),
];

/** So many wordings of a question differ from one another in form alone: politeness, case, spaces, punctuation. */
export const wordingCount = frames.length * marks.length * manners.length - 1;

/** The question in another form; `number` counts through {@link wordingCount} of them. That it means the same is beyond doubt. */
export function wordingOf(question, number) {
  // The first of all would be the question itself.
  const form = (number % wordingCount) + 1;
  const [opening, ending] = frames[form % frames.length];
  const rest = Math.floor(form / frames.length);
  const bare = question.replace(/\?$/, '');
  const inside = opening === '' ? bare : bare[0].toLowerCase() + bare.slice(1);
  const text = `${opening}${inside}${ending}${marks[rest % marks.length]}`;
  return manners[Math.floor(rest / marks.length)](text);
}
