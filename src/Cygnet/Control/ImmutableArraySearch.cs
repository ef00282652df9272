// The place of the first element that matches.
using System.Collections.Immutable;

namespace Cygnet.Control;

static class ImmutableArraySearch
{
    public static int FindIndex<T>(this ImmutableArray<T> array, Func<T, bool> matches)
    {
        for (var i = 0; i < array.Length; i++)
            if (matches(array[i])) return i;
        return -1;
    }
}
