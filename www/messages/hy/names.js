// What manifests call things, in Armenian: `channel.NAME`, `group.NAME`, `outcome.NAME`, `category.TEXT`.

/** @type {Record<string, string>} */
export default {};
