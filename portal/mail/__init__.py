"""The portal's own mails: written in the recipient's language, kept in the database until a server took them."""
