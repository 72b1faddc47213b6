// Validates the documents of stdin, [[kind, document], ...], with the library of the CDK: [error or null, ...].
const { Manifest } = require("@aws-cdk/cloud-assembly-schema");
const schemas = {
  assembly: require("@aws-cdk/cloud-assembly-schema/schema/cloud-assembly.schema.json"),
  assets: require("@aws-cdk/cloud-assembly-schema/schema/assets.schema.json"),
};
const cases = JSON.parse(require("fs").readFileSync(0, "utf8"));
const verdict = ([kind, document]) => {
  try {
    Manifest.validate(document, schemas[kind], { validateSchema: true });
    return null;
  } catch (error) {
    return String(error.message);
  }
};
process.stdout.write(JSON.stringify(cases.map(verdict)));
