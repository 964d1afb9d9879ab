//! What is asked past the perimeter, with the certificate in memory and without.
