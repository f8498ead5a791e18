// What the page says, in English. Views with many words of their own have a file under `en/`, spread in here.

export default {
  "view.stay": "Stay",

  // What is being done, and how it failed.
  loading: "loading the engine and the demo network",
  opening: "opening {what}",
  files: { one: "{count} file", other: "{count} files" },
  explaining: "explaining anew",
  cancelled: "cancelled",
  "failed.load": "Not loaded",
  "failed.open": "Not opened",
  "failed.explain": "Not explained",
  "status.ready": "Drop a record or a model anywhere",
  "status.error": "The last action failed",

  "export.doing": "making {what}",
  "export.failed": "Not made",
};
