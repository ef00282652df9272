// Where the sources are from which this test was built.
namespace Cygnet.Interop.Testbed;

public static class Checkout
{
    static readonly Lazy<string> Found = new(() =>
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(System.IO.Path.Combine(root, "Cygnet.slnx")))
            root = System.IO.Path.GetDirectoryName(root) ?? throw new BedFailure("not inside a checkout");
        return root;
    });

    /// <summary>A file of the checkout, or the checkout itself.</summary>
    public static string Path(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Found.Value, .. parts]);
}
