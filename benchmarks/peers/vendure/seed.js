"use strict";
// Makes the tables and the shop through Vendure's own services, and prints what the load program must know of it.
const core = require("@vendure/core");
const { populateInitialData } = require("@vendure/core/cli");
const { config } = require("./config");

const { customers, units } = JSON.parse(process.argv[2]); // units: on hand at each location, by SKU
const LANGUAGE = "en";
const SHOP = {
  defaultLanguage: LANGUAGE,
  defaultZone: "Europe",
  countries: [{ name: "United Kingdom", code: "GB", zone: "Europe" }],
  taxRates: [{ name: "None", percentage: 0 }],
  shippingMethods: [{ name: "Standard", price: 500 }],
  paymentMethods: [
    { name: "Card", handler: { code: "dummy-payment-handler", arguments: [{ name: "automaticSettle", value: "true" }] } },
  ],
  roles: [],
  collections: [],
};
// Nobody logs in with a password: hashing thousands slowly would only take time.
const hashing = { hash: async (text) => text, check: async () => false };

async function seed() {
  const app = await core.bootstrap({
    ...config,
    authOptions: { ...config.authOptions, passwordHashingStrategy: hashing },
    dbConnectionOptions: { ...config.dbConnectionOptions, synchronize: true },
  });
  await populateInitialData(app, SHOP);
  const connection = app.get(core.TransactionalConnection).rawConnection;
  const ctx = await app.get(core.RequestContextService).create({ apiType: "admin" });
  const sessions = app.get(core.SessionService);
  const session = async (identifier) => {
    const relations = { roles: { channels: true } };
    const user = await connection.getRepository(core.User).findOneOrFail({ where: { identifier }, relations });
    return (await sessions.createNewAuthenticatedSession(ctx, user, "native")).token;
  };

  await app.get(core.StockLocationService).create(ctx, { name: "South" });
  const locations = (await connection.getRepository(core.StockLocation).find({ order: { id: "ASC" } })).map(({ id }) => id);
  const [taxes] = await connection.getRepository(core.TaxCategory).find();
  const importer = app.get(core.FastImporterService);
  await importer.initialize();
  const variant = async (sku, stockOnHand) => {
    const name = `Article ${sku}`;
    const translated = { languageCode: LANGUAGE, name };
    const productId = await importer.createProduct({
      translations: [{ ...translated, slug: sku, description: "" }],
      enabled: true,
    });
    return importer.createProductVariant({
      productId, sku, price: 1000, taxCategoryId: taxes.id, trackInventory: "TRUE", translations: [translated],
      stockLevels: locations.map((stockLocationId) => ({ stockLocationId, stockOnHand })),
    });
  };
  const customer = async (number) => {
    const made = { firstName: "Buyer", lastName: `${number}`, emailAddress: `buyer-${number}@example.com` };
    await app.get(core.CustomerService).create(ctx, made, "password");
    return session(made.emailAddress);
  };
  const some = async (count, make) => {
    const all = [];
    while (all.length < count) {
      const numbers = Array.from({ length: Math.min(8, count - all.length) }, (_, n) => all.length + n);
      all.push(...(await Promise.all(numbers.map(make))));
    }
    return all;
  };
  const skus = Object.keys(units);
  const variants = await some(skus.length, (n) => variant(skus[n], units[skus[n]]));
  const [method] = await connection.getRepository(core.ShippingMethod).find();
  const made = {
    variants: Object.fromEntries(skus.map((sku, n) => [sku, `${variants[n]}`])),
    location: `${locations[0]}`,
    method: `${method.id}`,
    admin: await session("admin"),
    customers: await some(customers, customer),
  };
  console.log(`seeded ${JSON.stringify(made)}`);
  await app.close();
}

seed().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
