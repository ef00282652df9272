// The file system as the configuration parsers see it. glob(7) for include patterns.
using Cygnet.Config;

namespace Cygnet.Linux;

/// <summary>Reads real files; what cannot be read is null.</summary>
public sealed class HostFiles : IFileSource
{
    /// <summary>As long as CRLs may be, in ipsec.d/crls; a file beyond this is a mistake, for example a device.</summary>
    const long MaxBytes = 64 << 20;

    public byte[]? ReadAllBytes(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= MaxBytes } ? File.ReadAllBytes(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public IReadOnlyList<string> Glob(string pattern)
    {
        List<string> found = [pattern.StartsWith('/') ? "/" : ""];
        foreach (var part in pattern.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var isPattern = part.AsSpan().ContainsAny("*?[");
            found = [.. found.SelectMany(directory => isPattern ? Entries(directory, part) : [directory + part]).Where(Path.Exists).Select(p => p + "/")];
        }
        return [.. found.Select(p => p.TrimEnd('/')).Order(StringComparer.Ordinal)];
    }

    /// <summary>The reference's words for a directory that is there and cannot be read; null for one that can, or is not there.</summary>
    public static string? Complaint(string directory)
    {
        try
        {
            using var entries = Directory.EnumerateFileSystemEntries(directory).GetEnumerator();
            entries.MoveNext();
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return Path.Exists(directory) ? $"opening directory '{directory}' failed: Not a directory" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"opening directory '{directory}' failed: {(e is UnauthorizedAccessException ? "Permission denied" : e.Message)}";
        }
    }

    static IEnumerable<string> Entries(string directory, string pattern)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(directory == "" ? "." : directory).Select(Path.GetFileName).OfType<string>()
                .Where(name => (name[0] != '.' || pattern[0] == '.') && Matches(name, pattern)).Select(name => directory + name)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Whether a name matches * ? [abc] [a-z] [!abc].</summary>
    internal static bool Matches(ReadOnlySpan<char> name, ReadOnlySpan<char> pattern)
    {
        // The last * seen, and how much of the name it has taken: on a mismatch it takes one character more.
        int n = 0, p = 0, star = -1, taken = 0;
        while (n < name.Length)
        {
            var width = 0;
            if (p < pattern.Length && pattern[p] == '*') (star, taken, p) = (p, n, p + 1);
            else if (p < pattern.Length && MatchesOne(name[n], pattern[p..], out width)) (n, p) = (n + 1, p + width);
            else if (star >= 0) (n, p) = (++taken, star + 1);
            else return false;
        }
        return pattern[p..].TrimStart('*').IsEmpty;
    }

    static bool MatchesOne(char c, ReadOnlySpan<char> pattern, out int width)
    {
        width = 1;
        var end = pattern[0] == '[' && pattern.Length > 2 ? pattern[2..].IndexOf(']') : -1;
        if (end < 0) return pattern[0] == '?' || pattern[0] == c;
        var set = pattern[1..(end + 2)];
        width = end + 3;
        var negated = set[0] is '!' or '^';
        if (negated) set = set[1..];
        var found = false;
        for (var i = 0; i < set.Length; i++)
        {
            var isRange = i + 2 < set.Length && set[i + 1] == '-';
            found |= isRange ? c >= set[i] && c <= set[i + 2] : c == set[i];
            if (isRange) i += 2;
        }
        return found != negated;
    }
}
