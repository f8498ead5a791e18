// The launch of SMART App Launch 2: the portal opens this page with `iss` and `launch`; the server sends the reader on to
// index.html with a code.

/* global FHIR */
FHIR.oauth2
  .authorize({ clientId: "vitrine-example", scope: "launch openid fhirUser patient/Observation.rs patient/Encounter.rs", redirectUri: "index.html" })
  .catch((error) => (document.querySelector("#error").textContent = error.message));
