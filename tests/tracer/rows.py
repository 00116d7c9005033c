"""The rows of the define-by-run table, written once for PyTorch's names: they run on torch and on srcgrad.

Each function takes a namespace (`torch`, or one that looks like it) and gives numbers, names or the words of an error.
"""

from __future__ import annotations

import functools
import types

import numpy as np

import srcgrad

ROWS = {}
KINDS = (RuntimeError, ValueError, TypeError, BufferError)


def row(fn):
    ROWS[fn.__name__] = fn
    return fn


class Names(types.SimpleNamespace):
    """srcgrad's front door, and NumPy's functions for what is a function of arrays."""

    def __getattr__(self, name):
        return getattr(srcgrad, name) if name in srcgrad.__all__ else getattr(np, name)


OURS = Names(float16=np.float16, float32=np.float32, float64=np.float64, utils=types.SimpleNamespace(
    checkpoint=types.SimpleNamespace(checkpoint=srcgrad.checkpoint)))  # fmt: skip


def numbers(x):
    """A result as JSON has it."""
    if x is None or isinstance(x, (str, bool, int, float)):
        return x
    if isinstance(x, (tuple, list)):
        return [numbers(item) for item in x]
    return x.detach().tolist() if hasattr(x, "detach") else np.asarray(x).tolist()


def failing(call):
    """The kind of error that a call raises."""
    try:
        call()
    except KINDS as error:
        return f"raises {next(kind for kind in KINDS if isinstance(error, kind)).__name__}"
    return "no error"


def leaf(t, *items):
    return t.tensor([float(x) for x in items], requires_grad=True)


# Leaves, graphs


@row
def vector_backward(t):
    x = t.randn(3, requires_grad=True)
    y = x * 2
    y.backward(t.tensor([1.0, 1.0, 1.0]))
    return x.grad


@row
def vector_backward_weights(t):
    x = leaf(t, 1, 2, 3)
    (x**2).backward(t.tensor([0.1, 1.0, 0.001]))
    return x.grad


@row
def chained(t):
    a, b = leaf(t, 1, 2, 3), leaf(t, 4, 5, 6)
    c = a + b
    d = b * c
    d.sum().backward()
    return a.grad, b.grad


@row
def control_flow(t):
    w = leaf(t, 0.5, -0.25)
    h = t.tensor([1.0, 1.0])
    for k in range(5):
        h = t.tanh(w * h + k) if h.sum() > 0.3 else t.sin(h * w)
    h.sum().backward()
    return w.grad


@row
def attributes(t):
    x = leaf(t, 1, 2)
    y = x * 2
    return (
        x.is_leaf,
        y.is_leaf,
        x.requires_grad,
        y.requires_grad,
        x.grad is None,
        t.ones(2).requires_grad,
        y.detach().is_leaf,
    )


@row
def retained_nonleaf_grad_is_none(t):
    x = leaf(t, 1, 2)
    y = x * 2
    y.sum().backward()
    return y.is_leaf, x.grad


# In place


@row
def in_place(t):
    x = leaf(t, 1, 2, 3)
    y = x * 1
    y.mul_(2)
    y.sum().backward()
    return x.grad, y._version


@row
def in_place_on_leaf(t):
    return (
        failing(lambda: leaf(t, 1, 2).mul_(2)),
        failing(lambda: leaf(t, 1, 2).add_(1)),
        failing(lambda: leaf(t, 1).zero_()),
    )


@row
def in_place_on_view_of_leaf(t):
    def write():
        leaf(t, 1, 2)[:1].mul_(2)

    return failing(write)


@row
def in_place_of_saved(t):
    found = []
    for make in (lambda y: y.exp(), lambda y: y.tanh(), lambda y: y.sqrt()):
        y = make(leaf(t, 1, 2) * 1)
        y.add_(1)
        found.append(failing(y.sum().backward))
    y = leaf(t, 1, 2) * 1
    z = y * y
    y.add_(1)
    return *found, failing(z.sum().backward)


@row
def in_place_of_unsaved(t):
    x = leaf(t, 1, 2)
    y = x * 3
    z = y + 1
    y.mul_(10)
    (z.sum() + y.sum()).backward()
    return x.grad


CHANGES = [("add_", (1,)), ("sub_", (0.25,)), ("mul_", (2,)), ("div_", (3,)), ("pow_", (2,)), ("sqrt_", ()),
           ("exp_", ()), ("log_", ()), ("sin_", ()), ("neg_", ()), ("abs_", ()), ("tanh_", ()), ("cos_", ()),
           ("clamp_", (0.7, 5)),
           ("reciprocal_", ()), ("square_", ()), ("sigmoid_", ()), ("relu_", ()), ("zero_", ()), ("fill_", (3,)),
           ("expm1_", ()), ("log1p_", ()), ("rsqrt_", ())]  # fmt: skip


@row
def in_place_names(t):
    found = []
    for name, args in CHANGES:
        x = leaf(t, 0.5, 1.5, 2.5)
        y = x * 2
        z = getattr(y, name)(*args)
        (z * t.tensor([1.0, 2.0, 3.0])).sum().backward()
        found.append([z is y, numbers(y), numbers(x.grad), y._version])
    return found


@row
def versions(t):
    x = t.ones(3)
    v = x[1:]
    before = x._version
    v.add_(1)
    d = x.detach()
    d.mul_(2)
    return before, x._version, v._version, d._version, (x * 1)._version


@row
def views_and_writes(t):
    x = leaf(t, 1, 2, 3, 4)
    y = x * 1
    grid = y.view(2, 2)
    grid[0].mul_(10)
    y[3] = y[0] * 2
    (grid * t.tensor([[1.0, 2.0], [3.0, 4.0]])).sum().backward()
    return x.grad


@row
def index_write(t):
    x, v = leaf(t, 1, 2, 3), leaf(t, 10, 20)
    y = x * 2
    y[1:] = v * 3
    (y * y).sum().backward()
    return x.grad, v.grad


@row
def masked_write(t):
    x = leaf(t, -1, 2, -3)
    y = x * 1
    y[y < 0] = 0
    (y * 3).sum().backward()
    return x.grad


# Modes


@row
def no_grad(t):
    x = leaf(t, 1)
    with t.no_grad():
        y = x * 2
        with t.enable_grad():
            z = x * 2
    w = t.no_grad()(lambda: x * 2)()
    return y.requires_grad, z.requires_grad, w.requires_grad, y.grad_fn is None, (x * 2).requires_grad


@row
def set_grad_enabled(t):
    x = leaf(t, 1)
    found = []
    with t.set_grad_enabled(False):
        found.append((x * 2).requires_grad)
    t.set_grad_enabled(False)
    found.append((x * 2).requires_grad)
    t.set_grad_enabled(True)
    return *found, (x * 2).requires_grad, t.is_grad_enabled()


@row
def inference_mode(t):
    x = leaf(t, 1)
    with t.inference_mode():
        y = x * 2
    return y.requires_grad, y.grad_fn is None, t.inference_mode()(lambda: x * 2)().requires_grad


@row
def step_under_no_grad(t):
    x = leaf(t, 1, 2)
    for _ in range(3):
        (x * x).sum().backward()
        with t.no_grad():
            x -= 0.1 * x.grad
        x.grad.zero_()
    return x, x.is_leaf, x.requires_grad


@row
def step_on_data(t):
    x = leaf(t, 1, 2)
    for _ in range(2):
        (x * x).sum().backward()
        x.data -= 0.1 * x.grad
        x.grad = None
    x.detach().mul_(2)
    (x * x).sum().backward()
    return x, x.grad


@row
def graph_from_before_a_step(t):
    x = leaf(t, 1, 2)
    y = (x * 3).sum()
    with t.no_grad():
        x -= 0.5
    first = numbers(t.autograd.grad(y, x, retain_graph=True))
    y.backward()
    z = (x * x).sum() + y.detach()
    return first, x.grad, t.autograd.grad(z, x)


# Precision


@row
def half_leaf(t):
    x = t.tensor([1.0, 2.0], dtype=t.float16, requires_grad=True)
    (x.float() * 3).sum().backward()
    return str(x.grad.dtype).replace("torch.", ""), x.grad


@row
def casts(t):
    x = leaf(t, 1, 2)
    y = x.half().float() * x.double()
    y.sum().backward()
    return str(y.dtype).replace("torch.", ""), x.grad


@row
def autocast(t):
    a = t.ones(2, 2, dtype=t.float32)
    w = t.ones(2, 2, dtype=t.float32, requires_grad=True)
    with t.autocast("cpu", dtype=t.float16):
        y = a @ w
        kept = str((a + a).dtype)
    y.sum().backward()
    return (
        str(y.dtype).replace("torch.", ""),
        kept.replace("torch.", ""),
        str(w.grad.dtype).replace("torch.", ""),
        w.grad,
    )


@row
def grad_scaler(t):
    w = t.tensor([1.0, 2.0], requires_grad=True)
    optimizer = t.optim.SGD([w], lr=0.1)
    scaler = t.amp.GradScaler("cpu", init_scale=4.0, growth_interval=1) if hasattr(t, "amp") else t.GradScaler(
        "cpu", init_scale=4.0, growth_interval=1)  # fmt: skip
    found = []
    for factor in (1.0, float("inf"), 2.0):
        optimizer.zero_grad()
        scaler.scale((w * w).sum() * factor).backward()
        scaler.step(optimizer)
        scaler.update()
        found += [scaler.get_scale(), numbers(w)]
    return found


# Accumulating, freeing, zeroing


@row
def accumulation(t):
    z = t.tensor(1.0, requires_grad=True)
    y = z**2
    y.backward(retain_graph=True)
    first = z.grad.item()
    y.backward()
    return first, z.grad, failing(y.backward)


@row
def zeroing(t):
    x = leaf(t, 1, 2)
    (x * 2).sum().backward()
    x.grad.zero_()
    first = numbers(x.grad)
    (x * 3).sum().backward()
    optimizer = t.optim.SGD([x], lr=0.1)
    second = numbers(x.grad)
    optimizer.zero_grad(set_to_none=False)
    third = numbers(x.grad)
    optimizer.zero_grad()
    return first, second, third, x.grad is None


@row
def detach(t):
    a, b = leaf(t, 1, 2, 3), leaf(t, 4, 5, 6)
    c = a + b
    d = b * c.detach()
    d.sum().backward()
    return a.grad is None, b.grad


@row
def detach_shares_memory(t):
    x = t.ones(2)
    x.detach()[0] = 5
    y = leaf(t, 1, 2) * 1
    y.detach_()
    return x, y.requires_grad


@row
def freezing(t):
    a, b = leaf(t, 1, 2), leaf(t, 3, 4)
    a.requires_grad_(False)
    (a * b).sum().backward()
    return a.grad is None, b.grad, failing(lambda: (b * 2).requires_grad_(False))


@row
def retain_grad(t):
    a = leaf(t, 1, 2, 3)
    b = a + 3
    b.retain_grad()
    b.mean().backward()
    return a.grad, b.grad


@row
def retained_after_hooks(t):
    a = leaf(t, 1, 2, 3)
    b = a + 3
    b.retain_grad()
    b.register_hook(lambda grad: grad * 2)
    out = b.sum()
    out.backward(retain_graph=True)
    first = numbers(b.grad)
    out.backward()
    return first, b.grad, a.grad


# Hooks, clipping


@row
def tensor_hooks(t):
    x, seen = leaf(t, 1, 2), []
    y = x * 3
    y.register_hook(lambda g: g * 10)
    handle = x.register_hook(lambda g: seen.append(g.tolist()))
    y.sum().backward()
    handle.remove()
    (x * 1).sum().backward()
    return seen, x.grad


@row
def post_accumulate_hook(t):
    x, seen = leaf(t, 1, 2), []
    x.register_post_accumulate_grad_hook(lambda p: seen.append(p.grad.tolist()))
    (x * 2).sum().backward()
    (x * 2).sum().backward()
    return seen


@row
def node_hooks(t):
    x, seen = leaf(t, 1, 2), []
    y = x * 3
    y.grad_fn.register_hook(lambda gi, go: seen.append([numbers(gi[0]), numbers(go[0])]))
    y.grad_fn.register_prehook(lambda go: (go[0] * 2,))
    y.sum().backward()
    return seen, x.grad


@row
def saved_tensor_hooks(t):
    packed = []
    x = leaf(t, 1, 2)

    def pack(s):
        packed.append(s.tolist())
        return len(packed) - 1

    with t.autograd.graph.saved_tensors_hooks(pack, lambda k: t.tensor(packed[k])):
        y = (x * x).exp()
    y.sum().backward()
    return packed, x.grad


@row
def clipping_in_place(t):
    x = leaf(t, 1, -20)
    (x * x).sum().backward()
    x.grad.clamp_(-3, 3)
    return x.grad


@row
def clipping(t):
    x, y = leaf(t, 3, 4), leaf(t, 12)
    (x * x).sum().backward()
    (y * 1.5).sum().backward()
    norm = t.nn.utils.clip_grad_norm_([x, y], 1.0)
    first = [numbers(norm), numbers(x.grad), numbers(y.grad)]
    t.nn.utils.clip_grad_value_([x, y], 0.3)
    return first, x.grad, y.grad


# autograd.grad


@row
def create_graph(t):
    x = t.tensor(1.0, requires_grad=True)
    (g,) = t.autograd.grad(x**2, x, create_graph=True)
    z = g**3
    (h,) = t.autograd.grad(z, x)
    return g, h


@row
def higher_orders(t):
    x = leaf(t, 0.3, 0.7)
    y = (t.sin(x) * t.exp(x)).sum()
    found = []
    for _ in range(4):
        (g,) = t.autograd.grad(y, x, create_graph=True)
        found.append(numbers(g))
        y = g.sum()
    return found


@row
def unused(t):
    x, y = leaf(t, 1), leaf(t, 2)
    out = lambda: (x * 2).sum()
    return (
        failing(lambda: t.autograd.grad(out(), [x, y])),
        t.autograd.grad(out(), [x, y], allow_unused=True)[1] is None,
        t.autograd.grad(out(), [x, y], materialize_grads=True),
        failing(lambda: t.autograd.grad(out(), [x, y], materialize_grads=True, allow_unused=False)),
    )


@row
def batched(t):
    x = leaf(t, 1, 2, 3)
    return t.autograd.grad(x**2, x, t.eye(3), is_grads_batched=True)


@row
def several_outputs(t):
    x, y = leaf(t, 1, 2), leaf(t, 3, 4)
    return t.autograd.grad([(x * y).sum(), (x * x).sum()], [x, y]), failing(lambda: t.autograd.grad(x * y, x))


@row
def gradient_of_intermediate(t):
    x = leaf(t, 1, 2)
    y = x * 3
    z = (y**2).sum()
    return t.autograd.grad(z, [y, x])


@row
def backward_inputs(t):
    x, y = leaf(t, 1, 2), leaf(t, 3, 4)
    (x * y).sum().backward(inputs=[x])
    return x.grad, y.grad is None


@row
def backward_errors(t):
    x = leaf(t, 1, 2)
    return (
        failing(lambda: t.tensor(1.0).backward()),
        failing(lambda: (x * 2).backward()),
        failing(lambda: (x * 2).backward(t.tensor([1.0, 1.0, 1.0]))),
        failing(lambda: t.tensor([1, 2]).requires_grad_()),
        failing(lambda: x.numpy()),
        failing(lambda: t.tensor([1.0]).register_hook(print)),
    )


# functional


def cubes(t, x):
    return x**3 * t.sin(x)


@row
def jacobian(t):
    x = t.tensor([0.3, 0.7])
    return t.autograd.functional.jacobian(functools.partial(cubes, t), x)


@row
def jacobian_of_several(t):
    x, y = t.tensor([0.3, 0.7]), t.tensor([1.0, 2.0])
    return t.autograd.functional.jacobian(lambda a, b: (a * b, (a * a).sum()), (x, y))


@row
def hessian(t):
    x, y = t.tensor([0.3, 0.7]), t.tensor([1.0, 2.0])
    return t.autograd.functional.hessian(lambda a, b: (cubes(t, a) * b * b[0]).sum(), (x, y))


@row
def products(t):
    x, v = t.tensor([0.3, 0.7]), t.tensor([1.0, -2.0])
    f = functools.partial(cubes, t)
    total = lambda a: f(a).sum()
    functional = t.autograd.functional
    return [functional.vjp(f, x, v), functional.jvp(f, x, v), functional.hvp(total, x, v), functional.vhp(total, x, v)]


# Functions of one's own


def relu_class(t, strict):
    class MyReLU(t.autograd.Function):
        @staticmethod
        def forward(ctx, input):
            ctx.save_for_backward(input)
            return input.clamp(min=0) if t is not OURS else input.clip(0, None)

        @staticmethod
        def backward(ctx, grad_output):
            (input,) = ctx.saved_tensors
            grad_input = grad_output.clone()
            grad_input[input < 0 if strict else input <= 0] = 0
            return grad_input

    return MyReLU


@row
def my_relu(t):
    x, y = leaf(t, -1.5, 0, 1.5), leaf(t, -1.5, 0, 1.5)
    relu_class(t, False).apply(x).sum().backward()
    out = relu_class(t, True).apply(y)
    out.sum().backward()
    return x.grad, y.grad, type(out.grad_fn).__name__ if t is not OURS else out.grad_fn.name(), out


@row
def needs_input_grad(t):
    seen = []

    class Product(t.autograd.Function):
        @staticmethod
        def forward(ctx, a, b, scale):
            ctx.save_for_backward(a, b)
            ctx.scale = scale
            return a * b * scale

        @staticmethod
        def backward(ctx, g):
            a, b = ctx.saved_tensors
            seen.append(list(ctx.needs_input_grad))
            return g * b * ctx.scale, None, None

    x = leaf(t, 2)
    Product.apply(x, t.tensor([3.0]), 4.0).sum().backward()
    return seen, x.grad


@row
def function_twice(t):
    class Cube(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return 3 * x**2 * g

    x = leaf(t, 2)
    (g,) = t.autograd.grad(Cube.apply(x).sum(), x, create_graph=True)
    return g, t.autograd.grad(g.sum(), x)


@row
def mark_dirty(t):
    class Increment(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            x.add_(1)
            ctx.mark_dirty(x)
            return x

        @staticmethod
        def backward(ctx, g):
            return g * 3

    x = leaf(t, 1, 2)
    y = x * 2
    z = Increment.apply(y)
    (z * z).sum().backward()
    return z is y, z, x.grad, failing(lambda: Increment.apply(leaf(t, 1)))


@row
def several_results(t):
    seen = []

    class Two(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            steps = (x > 0) * 1.0
            ctx.mark_non_differentiable(steps)
            ctx.set_materialize_grads(False)
            return x * 2, x * 3, steps

        @staticmethod
        def backward(ctx, a, b, c):
            seen.append([a is None, b is None, c is None])
            return a * 2

    x = leaf(t, 1, -1)
    a, _, steps = Two.apply(x)
    a.sum().backward()
    return seen, x.grad, steps.requires_grad


@row
def setup_context(t):
    class Scale(t.autograd.Function):
        @staticmethod
        def forward(x, k):
            return x * k

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.k = inputs[1]

        @staticmethod
        def backward(ctx, g):
            return g * ctx.k, None

    x = leaf(t, 1, 2)
    Scale.apply(x, 5).sum().backward()
    return x.grad


@row
def wrong_number_of_gradients(t):
    class Bad(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return g, g

    return failing(lambda: Bad.apply(leaf(t, 1)).sum().backward())


# The graph


@row
def graph_as_objects(t):
    x, y = leaf(t, 2), leaf(t, 3)
    q = (x * y + 2) ** 2
    names, node = [], q.grad_fn
    while node is not None:
        names.append(node.name().rpartition("::")[2])
        node = node.next_functions[0][0] if node.next_functions else None
    product = q.grad_fn.next_functions[0][0].next_functions[0][0]
    both = product.next_functions[0][0].variable is x and product.next_functions[1][0].variable is y
    return names, both, len(q.grad_fn.next_functions), q.grad_fn.next_functions[0][0].next_functions[1][0] is None


@row
def node_names(t):
    x = t.ones(2, 2, requires_grad=True)
    made = [x + 1, x - 1, x * 2, x / 2, x**2, -x, x.exp(), x.log(), x.sin(), x.cos(), x.tanh(), x.sqrt(), x.abs(),
            x @ x, x.sum(), x.mean(), x[0], x[:1], x.reshape(4), x.clone(), t.stack([x, x]), t.cat([x, x]),
            x.unsqueeze(0), x.t(), x.sum(0), x**x, x.prod(), x.var(), x.squeeze()]  # fmt: skip
    return [y.grad_fn.name() for y in made]


@row
def saved_attributes(t):
    x = leaf(t, 1, 2)
    return (x**2).grad_fn._saved_self, x.exp().grad_fn._saved_result, (x * t.tensor([3.0, 4.0])).grad_fn._saved_other


@row
def representation(t):
    x, y = leaf(t, 2), leaf(t, 3)
    return repr(x * y), repr(x), repr(t.tensor([1.0, 2.0]))


# Anomaly, checks, checkpoints


@row
def anomaly(t):
    x = leaf(t, 0)
    with t.autograd.detect_anomaly():
        y = t.sqrt(x) * 0
        return failing(y.sum().backward)


@row
def checks(t):
    x = leaf(t, 0.3, -0.7)
    return t.autograd.gradcheck(lambda a: (t.sin(a) * a,), (x,)), t.autograd.gradgradcheck(
        lambda a: (t.sin(a) * a,), (x,)
    )


@row
def checkpoint(t):
    x, w = leaf(t, 0.3, 0.7), leaf(t, 1.5, 2.5)
    y = t.utils.checkpoint.checkpoint(lambda a: (t.sin(a * w) * t.exp(a)).sum(), x, use_reentrant=False)
    y.backward()
    return y, x.grad, w.grad


@row
def dlpack(t):
    x = t.tensor([1.0, 2.0])
    shared = np.from_dlpack(x)
    x[0] = 5
    back = t.from_dlpack(np.array([1.0, 2.0]))
    return shared.tolist(), back, failing(lambda: leaf(t, 1).__dlpack__())


@row
def factories(t):
    return [t.zeros(2, 3), t.ones((2,)), t.full((2,), 7.0), t.eye(2), t.arange(0, 1, 0.25), t.linspace(0, 1, 3),
            t.zeros_like(t.ones(2)), t.ones_like(t.zeros(2)), t.full_like(t.zeros(2), 3), t.empty(2, 2).shape[0],
            t.stack([t.ones(2), t.zeros(2)]), t.cat([t.ones(2), t.zeros(1)]), t.rand(2, 3).shape[1],
            t.as_tensor([1.0]), t.randn(3, requires_grad=True).requires_grad,
            t.autograd.Variable(t.ones(2), requires_grad=True).is_leaf]  # fmt: skip


@row
def methods(t):
    x = leaf(t, 0.5, 1.5, -2.0)
    index = t.tensor([2, 0])
    out = (x.unsqueeze(0).squeeze(0).view(3, 1).t().flatten().clamp(-1, 1).sum() + x.masked_fill(x < 0, 7.0).prod()
           + x.gather(0, index).sum() + x.index_select(0, index).pow(2).sum() + x.softmax(0)[1] + x.logsumexp(0)
           + x.log_softmax(0)[2] + x.split(2)[0].sum() + x.chunk(2)[1].sum() + x.narrow(0, 1, 2).sum()
           + x.lerp(x * 2, 0.25).sum() + x.addcmul(x, x, value=0.5).sum() + x.scatter_add(0, index, x[:2]).norm()
           + x.relu().sum() + x.sigmoid().sum() + x.expand(2, 3).sum())  # fmt: skip
    return t.autograd.grad(out, x)


@row
def dim_and_keepdim(t):
    x = t.tensor([[1.0, 2.0], [3.0, 4.0]])
    return x.sum(dim=0), x.mean(dim=1, keepdim=True), x.sum(0), x.argmax(dim=1), x.cumsum(dim=0)
