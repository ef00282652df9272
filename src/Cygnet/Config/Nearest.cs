// The nearest known word, for "did you mean".
namespace Cygnet.Config;

/// <summary>Finds the known word that a misspelt one was probably meant to be.</summary>
public static class Nearest
{
    /// <summary>The candidate with the fewest edits (a swap of neighbours counts as one), or null if none is near: at most a third of the word, and one at least.</summary>
    public static string? To(string word, IEnumerable<string> candidates)
    {
        // Nobody misspells a whole sentence; and the cost grows with the square.
        if (word.Length is 0 or > 40) return null;
        string? best = null;
        var least = Math.Max(1, word.Length / 3) + 1;
        foreach (var candidate in candidates)
        {
            if (candidate == word) return null; // spelt well, and wrong for another reason
            if (Math.Abs(candidate.Length - word.Length) >= least) continue;
            var distance = Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance >= least) continue;
            least = distance;
            best = candidate;
        }
        return best;
    }

    static int Distance(string a, string b)
    {
        var before = new int[b.Length + 1];
        var last = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var row = new int[b.Length + 1];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                row[j] = Math.Min(Math.Min(last[j], row[j - 1]) + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = Math.Min(row[j], before[j - 2] + 1);
            }
            (before, last) = (last, row);
        }
        return last[b.Length];
    }
}
