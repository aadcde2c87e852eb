"use strict";
// Vendure's server in several processes behind one port, as `pm2 -i` runs it: node's own cluster.
const cluster = require("node:cluster");
const { bootstrap } = require("@vendure/core");
const { config } = require("./config");

if (cluster.isPrimary) {
  const wanted = Number(process.argv[2]);
  const servers = Array.from({ length: wanted }, () => cluster.fork());
  let listening = 0;
  cluster.on("listening", (_, { port }) => ++listening === wanted && console.log(`serves http://127.0.0.1:${port}`));
  cluster.on("exit", () => process.exit(1));
  process.on("SIGTERM", () => {
    cluster.removeAllListeners("exit");
    servers.forEach((server) => server.process.kill());
    cluster.on("exit", () => Object.keys(cluster.workers).length || process.exit(0));
  });
} else {
  bootstrap(config);
}
