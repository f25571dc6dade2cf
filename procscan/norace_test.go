//go:build !race

package procscan

const raceDetector = false
