package front

import (
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"
)

// job is the job object that this process and all that it starts are in. We hold the
// only handle, so the system closes it when we are killed.
var job struct {
	sync.Mutex
	once   sync.Once
	handle windows.Handle // 0 where the system refuses
	users  int
}

// EndWithUs lets no program that we start from now on outlive us, if we are killed:
// neither go nor what go starts. Whoever ends in an orderly way calls release before:
// git leaves a maintenance or a credential cache running, and go its telemetry, and
// those are to go on. A system that refuses leaves them as they would be without us.
func EndWithUs() (release func()) {
	job.once.Do(makeJob)
	if job.handle == 0 {
		return func() {}
	}
	use(1)
	return sync.OnceFunc(func() { use(-1) })
}

// use counts those who need the limit, and sets or lifts it.
func use(n int) {
	job.Lock()
	defer job.Unlock()
	if job.users += n; job.users == 0 {
		limitJob(job.handle, 0)
	} else if n > 0 && job.users == 1 {
		limitJob(job.handle, windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE)
	}
}

// makeJob puts ourselves into the job, since there is no moment then at which a child
// is not in it.
func makeJob() {
	handle, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return
	}
	if limitJob(handle, 0) != nil || windows.AssignProcessToJobObject(handle, windows.CurrentProcess()) != nil {
		windows.CloseHandle(handle)
		return
	}
	job.handle = handle
}

// limitJob sets a limit. Programs that leave their job of their own accord may do so.
func limitJob(handle windows.Handle, limit uint32) error {
	info := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{}
	info.BasicLimitInformation.LimitFlags = limit | windows.JOB_OBJECT_LIMIT_BREAKAWAY_OK
	_, err := windows.SetInformationJobObject(handle, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
	return err
}
