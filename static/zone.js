// Says once in which time zone the browser is; the server keeps it with the person and asks no more.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `time_zone=${encodeURIComponent(zone)}; path=/; max-age=86400; samesite=lax${secure}`;
}
