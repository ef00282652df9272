// Paths as the configuration files write them.
namespace Cygnet.Config;

static class ConfigPath
{
    /// <summary>A path relative to the directory of the file that names it.</summary>
    public static string Beside(string file, string path) => path.StartsWith('/') ? path : $"{Directory(file)}/{path}";

    /// <summary>A path relative to a directory of ipsec.d.</summary>
    public static string In(string directory, string path) => path.StartsWith('/') ? path : $"{directory}/{path}";

    static string Directory(string file) => file.LastIndexOf('/') switch { < 0 => ".", 0 => "", var slash => file[..slash] };
}
