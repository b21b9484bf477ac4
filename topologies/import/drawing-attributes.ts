/**
 * Attributes that say how a graph is drawn and nothing about the network: Graphviz's, and those that sigma.js and Gephi read.
 *
 * `label`, `x`, `y` and `pos` are among them for graphs that we wrote, where they repeat what is there under a key of ours; in foreign graphs they are
 * read.
 */
const NAMES = [
  // graphviz.org, "Attributes", those people use
  'arrowhead arrowsize arrowtail bb bgcolor center class clusterrank color colorscheme compound concentrate constraint',
  'decorate dim dimen dir dpi edgetooltip fillcolor fixedsize fontcolor fontname fontnames fontpath fontsize forcelabels',
  'gradientangle group head_lp headclip headlabel headport headtooltip height href id image imagepos imagescale K label',
  'label_scheme labelangle labeldistance labelfloat labelfontcolor labelfontname labelfontsize labelhref labeljust labelloc',
  'labeltooltip landscape layer layers layout len levels lhead lheight lp ltail lwidth margin maxiter minlen mode model',
  'newrank nodesep nojustify normalize nslimit ordering orientation outputorder overlap pack packmode pad page pagedir',
  'pencolor penwidth peripheries pin pos quadtree quantum rank rankdir ranksep ratio rects regular remincross root rotate',
  'samehead samplepoints sametail scale searchsize sep shape shapefile showboxes sides size skew smoothing sortv splines',
  'start style stylesheet tail_lp tailclip taillabel tailport tailtooltip target tooltip truecolor URL vertices viewport',
  'voro_margin weight width xdotversion xlabel xlp z',
  // sigma.js and Gephi
  'x y hidden highlighted forceLabel zIndex viz r g b',
];

const DRAWING = new Set(NAMES.flatMap((line) => line.split(' ')));

export function isOfDrawing(name: string): boolean {
  return DRAWING.has(name);
}
