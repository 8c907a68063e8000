<#-- Mail templates see no realm attributes, so logo and colours come as realm texts (portalMailPrimary, portalMailLogo), empty as delivered.
     Each value is checked: a realm text may be anything. A link that is a paragraph of its own becomes a button. -->
<#-- White as long as it reads 4.5 : 1, else black: luminance against 0.183. -->
<#function channel pair>
  <#local value = 0>
  <#list pair?lower_case?split("")?filter(x -> x != "") as digit><#local value = value * 16 + "0123456789abcdef"?index_of(digit)></#list>
  <#local share = value / 255>
  <#return share * share>
</#function>
<#macro emailLayout>
<#local given = msg("portalMailPrimary")>
<#local primary = given?matches("#[0-9a-fA-F]{6}")?then(given, "#2a56c6")>
<#local source = msg("portalMailLogo")>
<#local logo = source?matches("https?://[A-Za-z0-9.\\-\\[\\]:]+(/[A-Za-z0-9._~!$&*+,;=:@%/?\\-]*)?")?then(source, "")>
<#local light = 0.2126 * channel(primary[1..2]) + 0.7152 * channel(primary[3..4]) + 0.0722 * channel(primary[5..6])>
<#local lettering = (light gt 0.183)?then("#000000", "#ffffff")>
<#local body><#nested></#local>
<!doctype html>
<html lang="${locale.toLanguageTag()}" dir="${(ltr!true)?then('ltr','rtl')}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${realmName}</title>
<style>
body, .ground { margin: 0; background: #f9f8f5; color: #22211e; font: 15px/1.55 -apple-system, "Segoe UI", Roboto, Arial, sans-serif; }
.sheet { max-width: 34rem; margin: 0 auto; padding: 32px 16px; }
.card { padding: 24px; background: #ffffff; border: 1px solid #e4e2dd; border-radius: 12px; }
.card p { margin: 0 0 16px; overflow-wrap: anywhere; } .card p:last-child { margin: 0; }
.name { margin: 0 0 16px; font-size: 17px; font-weight: 600; }
.foot { margin: 16px 0 0; font-size: 13px; color: #605e58; }
a { color: inherit; }
@media (prefers-color-scheme: dark) {
  body, .ground { background: #131312; color: #eeece8; }
  .card { background: #1b1a19; border-color: #35332f; }
  .foot { color: #aeaba5; }
  .name img { padding: 4px 8px; border-radius: 6px; background: #ffffff; }
}
</style>
</head>
<body>
<div class="ground">
<div class="sheet">
<#if logo?has_content><p class="name"><img src="${logo}" alt="${realmName}" height="32" style="height: 32px; max-width: 100%"></p><#else><p class="name">${realmName}</p></#if>
<div class="card">${body?markup_string?replace("<p><a href=", "<p><a style=\"display: inline-block; padding: 8px 14px; border-radius: 7px; background: " + primary + "; color: " + lettering + "; font-weight: 600; text-decoration: none\" href=")?no_esc}</div>
<p class="foot">${msg("portalMailFoot", realmName)}</p>
</div>
</div>
</body>
</html>
</#macro>
