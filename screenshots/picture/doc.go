// Package picture draws cells of a terminal as an image.
//
// Letters come from DejaVu Sans Mono where it is installed, else from Go Mono, which is built in. Box
// drawing and block characters are drawn as geometry, so that lines meet whatever the font. Drawing is
// deterministic: the same cells and fonts give the same bytes.
package picture
