"use strict";
// Vendure's worker.
const { bootstrapWorker } = require("@vendure/core");
const { config } = require("./config");

bootstrapWorker(config)
  .then((worker) => worker.startJobQueue())
  .then(() => console.log("the worker works"));
