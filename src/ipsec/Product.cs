// Name and version of this product, as its texts show them.
namespace Cygnet.Command;

static class Product
{
    public const string Name = "Cygnet";

    /// <summary>From Directory.Build.props, the only place where it stands.</summary>
    public static string Version { get; } = typeof(Product).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary><c>U0.1.0/K6.1.0</c>: user-space and kernel version.</summary>
    public static string VersionCode => $"U{Version}/K{KernelRelease}";

    public static string KernelRelease { get; } = ReadRelease();

    static string ReadRelease()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        }
        catch (IOException)
        {
            return Environment.OSVersion.Version.ToString();
        }
    }
}
