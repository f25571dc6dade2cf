package picture

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/gomonobolditalic"
	"golang.org/x/image/font/gofont/gomonoitalic"
	"golang.org/x/image/font/opentype"
)

// size is the height of the letters in pixels: at 25 DejaVu Sans Mono is 15 pixels wide, nearly
// exactly, so that letters are as far apart as they were designed to be.
const size = 25

// The four cuts of a font, as bits.
const (
	boldCut = 1 << iota
	italicCut
	numCuts
)

// faces are the cuts of one font.
type faces [numCuts]font.Face

// dejaVu are the files of DejaVu Sans Mono, by cut, in the folders distributions put them.
var (
	dejaVu        = [numCuts]string{"DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf", "DejaVuSansMono-Oblique.ttf", "DejaVuSansMono-BoldOblique.ttf"}
	dejaVuFolders = []string{"/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/dejavu-sans-mono-fonts", "/usr/share/fonts/TTF", "/usr/share/fonts/dejavu"}
	goMono        = [numCuts][]byte{gomono.TTF, gomonobold.TTF, gomonoitalic.TTF, gomonobolditalic.TTF}
)

// loadFaces returns DejaVu Sans Mono if it is installed, else Go Mono. A cut that is not installed is
// replaced by the upright one.
func loadFaces() (faces, error) {
	for _, folder := range dejaVuFolders {
		var files [numCuts][]byte
		for cut, name := range dejaVu {
			data, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return faces{}, fmt.Errorf("read a font: %w", err)
			}
			if err != nil {
				data = files[cut&boldCut] // as bold, or at least upright
			}
			files[cut] = data
		}
		if files[0] != nil {
			return parseFaces(files)
		}
	}
	return parseFaces(goMono)
}

func parseFaces(files [numCuts][]byte) (faces, error) {
	var cuts faces
	for cut, data := range files {
		if data == nil {
			data = files[0]
		}
		parsed, err := opentype.Parse(data)
		if err != nil {
			return faces{}, fmt.Errorf("parse a font: %w", err)
		}
		// Without hinting, which would make letters of this size uneven.
		cuts[cut], err = opentype.NewFace(parsed, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
		if err != nil {
			return faces{}, fmt.Errorf("scale a font: %w", err)
		}
	}
	return cuts, nil
}
