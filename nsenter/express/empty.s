// This file lets the compiler accept the functions without a body in express.go.
