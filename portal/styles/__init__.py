"""The operator's look: colours, style sheet, logo and favicon of a realm, as pages and browsers get them."""
