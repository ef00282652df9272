// The door to the file system: the core opens nothing itself.
using System.Text;

namespace Cygnet.Config;

/// <summary>How a parser reaches files. Implemented over the real file system by the programs, and in memory by tests.</summary>
public interface IFileSource
{
    /// <summary>The content, or null if the file cannot be read.</summary>
    byte[]? ReadAllBytes(string path);

    /// <summary>The paths that a shell pattern matches, sorted; empty if none does.</summary>
    IReadOnlyList<string> Glob(string pattern);

    /// <summary>The content as UTF-8 text, or null if the file cannot be read.</summary>
    string? ReadAllText(string path) => ReadAllBytes(path) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;
}
