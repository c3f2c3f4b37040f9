"""What graded predictions teach about later ones: tables of bias and the corrections they make."""
