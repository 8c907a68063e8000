"""Keys of programs: made by operators, limited by scopes and by what their owners may."""
