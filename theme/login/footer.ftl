<#-- Colours and logo of the realm, from the attributes the portal's settings write. Each value is checked here again:
     an attribute is text that anybody with manage-realm may have written by another way. -->
<#function colour key>
  <#local value = (realm.attributes[key])!"">
  <#return value?matches("#[0-9a-fA-F]{6}")?then(value, "")>
</#function>
<#function address key>
  <#local value = (realm.attributes[key])!"">
  <#return value?matches("https?://[A-Za-z0-9.\\-\\[\\]:]+(/[A-Za-z0-9._~!$&*+,;=:@%/?\\-]*)?|data:image/[a-z+]+;base64,[A-Za-z0-9+/=]+")?then(value, "")>
</#function>
<#macro content>
<#local primary = colour("_providerConfig.assets.portal.primaryColor600")>
<#local secondary = colour("_providerConfig.assets.portal.secondaryColor800")>
<#local accent = colour("portal.accentColor")>
<#local logo = address("_providerConfig.assets.logo.url")>
<style>
:root {
  <#if primary?has_content>--brand-primary: ${primary};</#if>
  <#if secondary?has_content>--brand-secondary: ${secondary};</#if>
  <#if accent?has_content>--brand-accent: ${accent};</#if>
  <#if !(darkMode!true)>color-scheme: light;</#if>
}
<#if logo?has_content>
#kc-header-wrapper { content: url("${logo?no_esc}") / "${realm.displayName?replace("[^\\p{L}\\p{N} .-]", "", "r")}"; width: auto; max-width: 100%; height: 2.25rem; object-fit: contain; object-position: left; }
@media (prefers-color-scheme: dark) { #kc-header-wrapper { padding: .25rem .5rem; border-radius: var(--r2); background: #fff; } }
</#if>
</style>
<#-- Some of Keycloak's labels name a field that is not on the page; they get the one beside them. -->
<script type="module">
for (const label of document.querySelectorAll("label[for]")) {
  if (document.getElementById(label.htmlFor)) continue;
  const input = label.closest(".pf-v5-c-form__group")?.querySelector("input:not([type=hidden])");
  if (input) label.htmlFor = input.id;
}
</script>
</#macro>
