// The launch of SMART App Launch 2: the portal opens this page with `iss` and `launch`; the server sends the reader on to
// index.html with a code. Only servers of this list are asked for leave, whatever the address says.

/* global FHIR */
/** The mock server of this example. Write yours in its place, as it calls itself: `/^https:\/\/fhir\.hospital\.example\/r4$/`. */
const SERVERS = [/^http:\/\/127\.0\.0\.1:\d+\/fhir\/?$/];

const place = document.querySelector("#error");
const refused = (error) => (place.textContent = error.message);

try {
  FHIR.oauth2
    .authorize({
      clientId: "vitrine-example",
      scope: "launch patient/Observation.rs",
      redirectUri: "index.html",
      issMatch: (iss) => SERVERS.some((server) => server.test(iss)),
      pkceMode: "required",
    })
    .catch(refused);
} catch (error) {
  refused(error);
}
