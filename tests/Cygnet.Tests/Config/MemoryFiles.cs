// Files in memory for the parsers of configuration files.
using System.IO.Enumeration;
using System.Text;
using Cygnet.Config;

namespace Cygnet.Tests.Config;

sealed class MemoryFiles : IFileSource
{
    readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    public static MemoryFiles With(string path, string text)
    {
        var files = new MemoryFiles();
        files[path] = text;
        return files;
    }

    public string this[string path]
    {
        set => _files[path] = Encoding.UTF8.GetBytes(value);
    }

    public void Add(string path, byte[] content) => _files[path] = content;

    public byte[]? ReadAllBytes(string path) => _files.GetValueOrDefault(path);

    public IReadOnlyList<string> Glob(string pattern) =>
        [.. _files.Keys.Where(k => k.Count(c => c == '/') == pattern.Count(c => c == '/') && FileSystemName.MatchesSimpleExpression(pattern.Replace("\\", "\\\\", StringComparison.Ordinal), k, ignoreCase: false))];
}
