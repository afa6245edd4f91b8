#include "streamd-media/tasks.h"

static unsigned even(double side)
{
    unsigned n = (unsigned)(side / 2 + 0.5) * 2;
    return n < 2 ? 2 : n;
}

/* The middle of the picture in the shape of the box. */
static void crop(struct framing *f, double box)
{
    double shape = (double)f->width / f->height;
    if (shape > box) {
        unsigned width = even(f->height * box);
        if (width < f->width) {
            f->x = (f->width - width) / 2 & ~1U;
            f->width = width;
        }
    } else {
        unsigned height = even(f->width / box);
        if (height < f->height) {
            f->y = (f->height - height) / 2 & ~1U;
            f->height = height;
        }
    }
}

struct framing thumbnail_frame(const struct thumbnail_ask *ask, unsigned width, unsigned height)
{
    struct framing f = {.width = width, .height = height};
    double w = width, h = height;
    double box_w = ask->width, box_h = ask->height;
    if (!ask->width && !ask->height) {
        box_w = w;
        box_h = h;
    } else if (!ask->width) {
        box_w = box_h * w / h;
    } else if (!ask->height) {
        box_h = box_w * h / w;
    }
    if (ask->fit == FIT_CLIP || ask->fit == FIT_SCALE) {
        double scale = box_w / w < box_h / h ? box_w / w : box_h / h;
        if (ask->fit == FIT_SCALE && scale > 1)
            scale = 1;
        box_w = w * scale;
        box_h = h * scale;
    } else if (ask->fit == FIT_CROP) {
        crop(&f, box_w / box_h);
    }
    f.out_width = even(box_w < SIDE_MAX ? box_w : SIDE_MAX);
    f.out_height = even(box_h < SIDE_MAX ? box_h : SIDE_MAX);
    return f;
}
